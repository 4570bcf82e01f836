import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { AddressInfo } from 'node:net';

/** A frame of HTTP/2, as RFC 9113 section 4.1 has it. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The types of frames that tests send and look for. */
export const frameType = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
} as const;

/** The flag that says that nothing more follows on a stream. */
export const endStream = 1;

/** What a client says first. */
const greetingBytes = 24;
/** What each frame begins with. */
const headBytes = 9;

/** A server on loopback that sends whatever frames a test wants, and answers nothing by itself. */
export interface FrameServer extends AsyncDisposable {
  readonly url: string;
  /** How many connections were accepted so far. */
  readonly accepted: number;
  /** How many connections are open. */
  readonly open: number;
}

/** Starts a server that hands over each frame of a client, and greets it with empty settings. */
export async function startFrameServer(
  onFrame: (frame: Frame, socket: TLSSocket) => void,
  options: TlsOptions,
): Promise<FrameServer> {
  const sockets = new Set<TLSSocket>();
  let accepted = 0;
  const server = createTlsServer({ ...options, ALPNProtocols: ['h2'] }, (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    sendFrame(socket, { type: frameType.settings });
    let received: Buffer = Buffer.alloc(0);
    let isGreeted = false;
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (!isGreeted && received.length >= greetingBytes) {
        isGreeted = true;
        received = received.subarray(greetingBytes);
      }
      if (isGreeted) received = takeFrames(received, (frame) => onFrame(frame, socket));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    get accepted() {
      return accepted;
    },
    get open() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Hands over the frames that are complete. Returns the rest. */
function takeFrames(received: Buffer, onFrame: (frame: Frame) => void): Buffer {
  let rest = received;
  while (rest.length >= headBytes && rest.length >= headBytes + rest.readUIntBE(0, 3)) {
    const end = headBytes + rest.readUIntBE(0, 3);
    const [type = 0, flags = 0] = rest.subarray(3, 5);
    const stream = rest.readUInt32BE(5);
    onFrame({ type, flags, stream, payload: rest.subarray(headBytes, end) });
    rest = rest.subarray(end);
  }
  return rest;
}

/** Sends a frame. */
export function sendFrame(socket: TLSSocket, frame: Partial<Frame>): void {
  const { type = 0, flags = 0, stream = 0, payload = Buffer.alloc(0) } = frame;
  const head = Buffer.alloc(headBytes);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  socket.write(Buffer.concat([head, payload]));
}

/** Sends `200 OK` and the content type of JSON. */
export function sendOk(socket: TLSSocket, stream: number, flags = 0): void {
  const type = 'application/json';
  // ":status: 200" is entry 8 of HPACK's static table, "content-type" is 31, which needs two bytes as the name of a literal.
  const payload = Buffer.from([0x88, 0x0f, 0x10, type.length, ...Buffer.from(type)]);
  sendFrame(socket, { type: frameType.headers, flags: flags | 4, stream, payload });
}

/** A number of 32 bits. */
export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}
