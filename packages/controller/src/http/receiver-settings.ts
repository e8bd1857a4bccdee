/** Settings that name who is posted to. */
import { SettingsError, type SettingsReader } from '@tachograph/service';

/** `undefined` unless it is an http or https URL. */
export function parseHttpUrl(text: string): string | undefined {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.href : undefined;
}

/**
 * An http or https URL; `undefined` where it is not set. Throws `SettingsError`, also for a URL with user and password: no
 * request can be made of one, and every error about it would tell them. Neither does this one.
 */
export function readHttpUrl(reader: SettingsReader, name: string): string | undefined {
  const { username = '', password = '' } = URL.parse(reader.text(name) ?? '') ?? {};
  if (username !== '' || password !== '')
    throw new SettingsError(name, '(not shown)', 'an http or https URL without user and password');
  return reader.parsed(name, 'an http or https URL', parseHttpUrl);
}

/** Who takes posts that are signed with the secret in the file. */
export interface SignedReceiver {
  readonly url: string;
  readonly secretFile: string;
}

/** The settings of these names, only both together; `undefined` without a URL. Throws `SettingsError`. */
export function readSignedReceiver(
  reader: SettingsReader,
  names: { readonly url: string; readonly secretFile: string },
): SignedReceiver | undefined {
  const url = readHttpUrl(reader, names.url);
  const secretFile = reader.text(names.secretFile);
  if (url === undefined) return undefined;
  if (secretFile === undefined) throw new SettingsError(names.secretFile, undefined, 'a file: what is sent is signed');
  return { url, secretFile };
}
