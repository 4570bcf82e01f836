import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';

/** How long kube-apiserver may take to notice a changed file, in milliseconds. */
const patienceMs = 20_000;

/** Waits until a server shows the certificate of a serial number. Throws an `Error` when it does not. */
export async function untilShown(server: string, serial: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while ((await shownSerial(server).catch(() => -1)) !== serial) {
    if (performance.now() > deadline)
      throw new Error(`${server} did not show the certificate of serial number ${serial}`);
    await sleep(100);
  }
}

async function shownSerial(server: string): Promise<number> {
  const port = Number(new URL(server).port);
  // Only looked at, so whether it is to be trusted is no question.
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(2000) });
    return Number.parseInt(socket.getPeerCertificate().serialNumber, 16);
  } finally {
    socket.destroy();
  }
}
