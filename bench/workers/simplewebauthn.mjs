// @simplewebauthn/server on node, used as its documentation shows. The same commands as loop.py.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const installed = createRequire(new URL("../../tests/interop/node/", import.meta.url));
const main = installed.resolve("@simplewebauthn/server");
const library = await import(pathToFileURL(main));

const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64url"));
const user = { userName: "ada", userDisplayName: "Ada", userID: new TextEncoder().encode("a user handle of thirty-two byte") };

function prepare(task) {
  const expected = {
    expectedChallenge: task.challenge,
    expectedOrigin: task.origin,
    expectedRPID: task.rp_id,
    requireUserVerification: true,
  };
  if (task.kind === "authentication") {
    const publicKey = bytes(task.public_key);
    return async () => {
      const credential = { id: task.credential_id, publicKey, counter: task.sign_count };
      const result = await library.verifyAuthenticationResponse({ response: JSON.parse(task.body), credential, ...expected });
      if (!result.verified) throw new Error("not verified");
    };
  }
  if (task.kind === "registration") {
    if (task.anchors.length) {
      const certificates = task.anchors.map(
        // In lines of 64, as PEM is written: some formats compare the text.
        (anchor) => ["-----BEGIN CERTIFICATE-----", ...Buffer.from(bytes(anchor)).toString("base64").match(/.{1,64}/g), "-----END CERTIFICATE-----", ""].join("\n"),
      );
      library.SettingsService.setRootCertificates({ identifier: task.format, certificates });
    }
    return async () => {
      const result = await library.verifyRegistrationResponse({
        response: JSON.parse(task.body),
        supportedAlgorithmIDs: [task.algorithm],
        ...expected,
      });
      if (!result.verified) throw new Error("not verified");
    };
  }
  const shared = { rpID: task.rp_id, userVerification: "required", timeout: 300000 };
  if (task.kind === "authentication options") {
    const allowCredentials = [{ id: task.credential_id }];
    return async () => JSON.stringify(await library.generateAuthenticationOptions({ ...shared, allowCredentials }));
  }
  if (task.kind === "registration options") {
    const wanted = { rpName: "Example", supportedAlgorithmIDs: [task.algorithm], excludeCredentials: [{ id: task.credential_id }] };
    return async () => JSON.stringify(await library.generateRegistrationOptions({ ...shared, ...wanted, ...user }));
  }
  throw new Error("keeps no state");
}

let work = async () => {};

const answers = {
  async prepare({ prepare: task }) {
    try {
      work = prepare(task);
      await work();
      return { ready: true };
    } catch (error) {
      work = async () => {};
      return { cannot: String(error.message || error) };
    }
  },

  async run({ run: times }) {
    const wall = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    for (let number = 0; number < times; number += 1) await work();
    const { user, system } = process.cpuUsage(cpu);
    return { cpu: (user + system) * 1000, wall: Number(process.hrtime.bigint() - wall) };
  },
};

if (process.argv[2] === "--first") {
  await prepare(JSON.parse(readFileSync(process.argv[3], "utf8")))();
  console.log(readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s+(\d+)/)[1]);
} else if (process.argv[2] === "--imported") {
  console.log(readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s+(\d+)/)[1]);
} else {
  const manifest = main.slice(0, main.lastIndexOf("@simplewebauthn/server/")) + "@simplewebauthn/server/package.json";
  const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
  say({ version: JSON.parse(readFileSync(manifest, "utf8")).version });
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    say(await ("prepare" in command ? answers.prepare(command) : answers.run(command)));
  }
}
