import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { keepAliveProbeMs } from './transport.ts';

/** Where a tunnel ends. */
export interface TunnelEnd {
  readonly host: string;
  readonly port: number;
}

/**
 * Asks an HTTP proxy for a tunnel.
 *
 * @param onSocket - is given the connection to the proxy as soon as it is begun
 * @throws Error when the proxy refuses or cannot be reached
 */
export function openTunnel(
  proxyUrl: string,
  { host, port }: TunnelEnd,
  onSocket: (socket: Socket) => void,
): Promise<Socket> {
  const proxy = new URL(proxyUrl);
  const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const request = send({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port === '' ? undefined : Number(proxy.port),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...credentialsOf(proxy) },
      agent: false,
    });
    request.once('socket', onSocket);
    request.once('error', reject);
    request.once('connect', (response, socket: Socket) => {
      if (response.statusCode === 200) {
        // The TLS socket above fails with it.
        socket.on('error', () => {});
        socket.setKeepAlive(true, keepAliveProbeMs);
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(new Error(`the proxy answered ${response.statusCode} instead of opening a tunnel`));
    });
    request.end();
  });
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
