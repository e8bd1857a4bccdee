/**
 * The body of a token request as it is passed on. A resource of this workload is left out: the one granted is used then,
 * so that a refresh token got through one local port is good through another (all of them are one audience). A foreign
 * one stays, and is refused as `invalid_target`.
 */
export function toTokenBody(body: Buffer, isOwn: (resource: string) => boolean): Buffer {
  const parameters = new URLSearchParams(body.toString('utf8'));
  const resources = parameters.getAll('resource');
  if (resources.length === 0 || !resources.every(isOwn)) return body;
  parameters.delete('resource');
  return Buffer.from(parameters.toString());
}
