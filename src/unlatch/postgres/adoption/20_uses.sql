-- The highest counter and the last use of each credential, from the assertions that pg-webauthn kept.
INSERT INTO webauthn.credential_uses (credential_id, sign_count, backup_state, last_used_at)
SELECT c.credential_id, greatest(c.sign_count, max(a.sign_count)), c.backup_state, max(a.verified_at)
FROM webauthn.credentials AS c
LEFT JOIN webauthn.assertions AS a ON a.credential_id = c.credential_id
GROUP BY c.credential_id
ON CONFLICT DO NOTHING;
