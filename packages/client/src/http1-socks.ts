import { isIP, isIPv6, SocketAddress, type Socket } from 'node:net';
import type { Place } from './transport.ts';
import { brokenOff } from './transport-errors.ts';

const version = 5;
const noCredentials = 0;
const userAndPassword = 2;
const connectCommand = 1;
const addressType = { ipv4: 1, name: 3, ipv6: 4 } as const;

/** The replies of RFC 1928 section 6. */
const replies: readonly string[] = [
  '',
  'general failure',
  'forbidden by its rules',
  'the network is unreachable',
  'the host is unreachable',
  'the connection was refused',
  'the time of the packet ran out',
  'the command is not known',
  'the type of address is not known',
];

/**
 * Asks a SOCKS5 proxy (RFC 1928, RFC 1929) for a tunnel. Names are resolved by the proxy.
 *
 * @throws Error when the proxy refuses
 */
export async function askSocks(socket: Socket, proxy: URL, place: Place): Promise<Socket> {
  const reader = new ByteReader(socket);
  try {
    await shakeHands(socket, reader, proxy);
    socket.write(connectRequest(place));
    const [, reply = 1, , type] = await reader.take(4);
    if (reply !== 0)
      throw new Error(`the SOCKS proxy opened no tunnel: ${replies[reply] ?? `reply ${reply}`}`);
    // The address from which the proxy connects, which is of no use.
    const length = type === addressType.name ? (await reader.take(1))[0] : 0;
    const addressBytes = type === addressType.ipv6 ? 16 : type === addressType.ipv4 ? 4 : length;
    await reader.take((addressBytes ?? 0) + 2);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    reader.stop();
  }
  return socket;
}

async function shakeHands(socket: Socket, reader: ByteReader, proxy: URL): Promise<void> {
  const { username, password } = proxy;
  const hasCredentials = username !== '' || password !== '';
  const methods = hasCredentials ? [noCredentials, userAndPassword] : [noCredentials];
  socket.write(Buffer.from([version, methods.length, ...methods]));
  const [answered, method] = await reader.take(2);
  if (answered !== version) throw new Error('the proxy does not speak SOCKS5');
  if (method === noCredentials) return;
  if (method !== userAndPassword || !hasCredentials)
    throw new Error('the SOCKS proxy wants credentials that its URL does not have');
  const user = withLength(decodeURIComponent(username));
  socket.write(Buffer.concat([Buffer.from([1]), user, withLength(decodeURIComponent(password))]));
  const [, status] = await reader.take(2);
  if (status !== 0) throw new Error('the SOCKS proxy refused the credentials in its URL');
}

function connectRequest({ host, port }: Place): Buffer {
  const start = Buffer.from([version, connectCommand, 0]);
  const end = Buffer.from([port >> 8, port & 0xff]);
  return Buffer.concat([start, addressBytes(host), end]);
}

function addressBytes(host: string): Buffer {
  if (isIP(host) === 0) return Buffer.concat([Buffer.from([addressType.name]), withLength(host)]);
  if (isIPv6(host)) return Buffer.from([addressType.ipv6, ...ipv6Bytes(host)]);
  return Buffer.from([addressType.ipv4, ...host.split('.').map(Number)]);
}

/** `::` stands for as many zeroes as are missing; URLs have no dotted part in IPv6 addresses. */
function ipv6Bytes(host: string): number[] {
  const { address } = new SocketAddress({ address: host, family: 'ipv6' });
  const [left = '', right] = address.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const head = groups(left);
  const tail = right === undefined ? [] : groups(right);
  const zeroes = Array.from({ length: 8 - head.length - tail.length }, () => 0);
  return [...head, ...zeroes, ...tail].flatMap((group) => [group >> 8, group & 0xff]);
}

/** The text behind its length in one byte. @throws Error when it is too long for that */
function withLength(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 255)
    throw new Error('a name, user or password is too long for SOCKS, which allows 255 bytes');
  return Buffer.from([bytes.length, ...bytes]);
}

/** Takes as many bytes from a socket as are asked for. */
class ByteReader {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#onData).on('close', this.#onClose);
  }

  /** @throws Error when the socket is closed before so many have come */
  async take(count: number): Promise<Buffer> {
    while (this.#bytes.length < count) {
      if (this.#socket.destroyed)
        throw this.#socket.errored ?? brokenOff('the SOCKS proxy closed the connection');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  /** Leaves the socket to others. */
  stop(): void {
    this.#socket.pause();
    this.#socket.off('data', this.#onData).off('close', this.#onClose);
    if (this.#bytes.length > 0) this.#socket.unshift(this.#bytes);
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    this.#wake?.();
  };

  readonly #onClose = (): void => this.#wake?.();
}
