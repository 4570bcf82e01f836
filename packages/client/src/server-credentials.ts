import { checkFlag } from './client-options.ts';
import type { Identity } from './credentials.ts';
import { checkPair, fileText, pemText } from './pem.ts';
import type { ServerOptions } from './server-options.ts';
import type { TlsSettings } from './tls-settings.ts';

/** How long what was read from a file is used, as client-go's token file source. */
const fileMaxAgeMs = 60_000;
/** How long what a function gave is used. */
const functionMaxAgeMs = 10_000;

/** For how long an identity made of these options holds. */
export function maxAgeOf(options: ServerOptions): number {
  if (typeof options.token === 'function') return functionMaxAgeMs;
  const { tokenFile, caFile, certFile, keyFile } = options;
  return (tokenFile ?? caFile ?? certFile ?? keyFile) === undefined ? Infinity : fileMaxAgeMs;
}

/**
 * Refuses options that contradict each other, and files that cannot be read now.
 *
 * @throws TypeError that names the options, Error that names the file
 */
export function checkServerOptions(options: ServerOptions): void {
  for (const [one, other] of [
    ['token', 'tokenFile'],
    ['token', 'username'],
    ['tokenFile', 'username'],
    ['ca', 'caFile'],
    ['cert', 'certFile'],
    ['key', 'keyFile'],
  ] as const)
    if (options[one] !== undefined && options[other] !== undefined)
      throw new TypeError(`Cannot use options "${one}" and "${other}" together: give one of them`);
  checkFlag('skipTLSVerify', options.skipTLSVerify);
  const hasCert = (options.cert ?? options.certFile) !== undefined;
  const hasKey = (options.key ?? options.keyFile) !== undefined;
  if (hasCert !== hasKey)
    throw new TypeError(
      `Cannot use option "${hasCert ? 'cert' : 'key'}" without "${hasCert ? 'key' : 'cert'}"`,
    );
  if ((options.username === undefined) !== (options.password === undefined))
    throw new TypeError('Cannot use one of options "username" and "password" without the other');
  const { token, tokenFile } = options;
  if (token !== undefined && typeof token !== 'function') checkToken('token', token);
  if (tokenFile !== undefined) readTokenFile(tokenFile);
  readTls(options);
}

/** The certificates as they are now. @throws when a file cannot be read, or something is not PEM or broken, or the key is another certificate's */
export function readTls(options: ServerOptions): TlsSettings {
  const { passphrase, servername, skipTLSVerify } = options;
  const read = (name: 'ca' | 'cert' | 'key'): string | undefined => {
    const path = options[`${name}File`];
    const value = path === undefined ? options[name] : fileText(`${name}File`, path);
    if (value === undefined) return undefined;
    return pemText(value, {
      option: path === undefined ? name : `${name}File`,
      kind: name === 'key' ? 'key' : 'certificate',
      passphrase,
    });
  };
  const [ca, cert, key] = [read('ca'), read('cert'), read('key')];
  const names = [
    options.certFile === undefined ? 'cert' : 'certFile',
    options.keyFile === undefined ? 'key' : 'keyFile',
  ] as const;
  checkPair({ cert, key, passphrase, names });
  return { ca, cert, key, passphrase, servername, skipTLSVerify };
}

/** Who the client is now. */
export async function readIdentity(options: ServerOptions): Promise<Identity> {
  const tls = readTls(options);
  const authorization = await readAuthorization(options);
  return { headers: authorization === undefined ? {} : { authorization }, tls };
}

async function readAuthorization(options: ServerOptions): Promise<string | undefined> {
  const { token, tokenFile, username, password } = options;
  if (tokenFile !== undefined) return `Bearer ${readTokenFile(tokenFile)}`;
  if (typeof token === 'function') return `Bearer ${checkToken('token', await token())}`;
  if (token !== undefined) return `Bearer ${token}`;
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function readTokenFile(path: string): string {
  return checkToken('tokenFile', fileText('tokenFile', path).trim());
}

/** A token must fit into a header; its value is a secret and stays out of the message. */
function checkToken(option: string, token: unknown): string {
  if (typeof token !== 'string')
    throw new TypeError(
      `Cannot use option "${option}": the token is of type ${typeof token}, not a string`,
    );
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new TypeError(
      `Cannot use option "${option}": the token is empty or contains white space or other characters that no header may carry`,
    );
  return token;
}
