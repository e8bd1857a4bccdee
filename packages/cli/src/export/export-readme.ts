/** `README.txt` of an export: what it is, and how somebody without this program checks it. */
export function exportReadme(session: string): string {
  return `Recording of the MCP session ${session}, exported from a Tachograph archive.

What it shows, and to whom
  The policy is not in here: it names the log's key and the witnesses, and must come to you on another way.
  With it, one of these proves this file, without network:
    tacho verify FILE.zip --policy policy.txt
    verify.html, opened in a browser: choose the zip and the policy
  The page came with the file: whoever could forge the one could forge the other. Compare its SHA-256 with the
  one that your release of tacho prints (tacho export --page-digest), or use tacho.

What is in it
  export.json       table of contents
  checkpoint.txt    the log's signed tree head, with the cosignatures of witnesses (C2SP tlog-checkpoint)
  leaves/           every log entry that the session rests on, exact text
  proofs/           for each a C2SP tlog-proof against that checkpoint
  v1/records/       the segments: one JSON record a line, gzip
  v1/blobs/         message bodies over 256 KiB
  v1/sessions/      the session's manifest
  v1/keys/          public keys, for readers; a verifier takes them from the leaves and the policy

The segments are whole, because their hashes are: they also hold what the same recorder recorded of others meanwhile.
What a single export cannot show: that no later manifest of the session exists, and what else the log holds.
The format is described in docs/archive-format.md.
`;
}
