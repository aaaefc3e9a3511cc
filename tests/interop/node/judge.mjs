// A relying party that others wrote, as a process that lives as long as the tests: one JSON request a line on
// standard input, one JSON answer a line on standard output, in order. An answer is {"accepted": ...} or {"refused": ...}.
import { createInterface } from "node:readline";
import { SettingsService, verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";

const text = (bytes) => Buffer.from(bytes).toString("base64url");

const calls = {
  // `roots` is PEM by format identifier: its anchors are settings of the whole process.
  async registration({ roots, ...arguments_ }) {
    for (const [identifier, certificates] of Object.entries(roots)) {
      SettingsService.setRootCertificates({ identifier, certificates });
    }
    const { verified, registrationInfo: info } = await verifyRegistrationResponse(arguments_);
    if (!verified) throw new Error("not verified");
    return {
      format: info.fmt,
      aaguid: info.aaguid,
      credential: { ...info.credential, publicKey: text(info.credential.publicKey) },
      userVerified: info.userVerified,
      deviceType: info.credentialDeviceType,
      backedUp: info.credentialBackedUp,
    };
  },

  async authentication({ credential, ...arguments_ }) {
    const publicKey = Uint8Array.from(Buffer.from(credential.publicKey, "base64url"));
    const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
      ...arguments_,
      credential: { ...credential, publicKey },
    });
    if (!verified) throw new Error("not verified");
    return { counter: info.newCounter, userVerified: info.userVerified, backedUp: info.credentialBackedUp };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { call, ...arguments_ } = JSON.parse(line);
  let answer;
  try {
    answer = { accepted: await calls[call](arguments_) };
  } catch (error) {
    answer = { refused: String(error.message || error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
