import { isIP, type Socket } from 'node:net';
import { proxyCredentials } from './http1-head.ts';
import { keepAliveProbeMs, type Place } from './transport.ts';

/**
 * Asks an HTTP proxy for a tunnel.
 *
 * @param onSocket - is given the connection to the proxy as soon as it is begun
 * @throws Error when the proxy refuses or cannot be reached
 */
export function openTunnel(
  proxyUrl: string,
  { host, port }: Place,
  onSocket: (socket: Socket) => void,
): Promise<Socket> {
  const proxy = new URL(proxyUrl);
  const proxyHost = proxy.hostname.replace(/^\[|\]$/g, '');
  const credentials = proxyCredentials(proxy);
  // An import of node:http would load Node's own copy of undici, for a list of what the module exports.
  const { request: send } =
    proxy.protocol === 'https:'
      ? process.getBuiltinModule('node:https')
      : process.getBuiltinModule('node:http');
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const request = send({
      host: proxyHost,
      // Node would else expect the name in the header "host", which is where the tunnel ends.
      servername: isIP(proxyHost) === 0 ? proxyHost : '',
      // Said, since Node would else let NODE_TLS_REJECT_UNAUTHORIZED decide.
      rejectUnauthorized: true,
      port: proxy.port === '' ? undefined : Number(proxy.port),
      method: 'CONNECT',
      path: authority,
      headers: {
        host: authority,
        ...(credentials !== undefined && { 'proxy-authorization': credentials }),
      },
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
