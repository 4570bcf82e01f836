import { ApiServer } from '@kubeloop/apiserver';
import { KubeClient } from '@kubeloop/client';
import { onTestFinished } from 'vitest';

/** A client of an API server in this process; both end with the test. */
export async function startServer(): Promise<KubeClient> {
  const server = new ApiServer();
  await server.start();
  const client = new KubeClient({ server: server.url, skipTLSVerify: true });
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return client;
}
