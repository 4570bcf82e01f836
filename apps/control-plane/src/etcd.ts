/**
 * Compacts etcd up to its present revision, so that etcd refuses a watch from an older one. The last write stays:
 * a watch that has missed only that one still gets it.
 *
 * Speaks etcd's JSON gateway, because no etcdctl is at hand. Waits until the old revisions are physically gone.
 * @returns the revision that is now the oldest
 */
export async function compactEtcd(etcdUrl: string, signal?: AbortSignal): Promise<number> {
  const range = await post(
    `${etcdUrl}/v3/kv/range`,
    { key: Buffer.from('x').toString('base64') },
    signal,
  );
  const revision = Number(revisionOf(range));
  if (!Number.isSafeInteger(revision))
    throw new Error('Cannot compact etcd: its answer has no revision');
  await post(`${etcdUrl}/v3/kv/compaction`, { revision: String(revision), physical: true }, signal);
  return revision;
}

function revisionOf(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('header' in answer)) return undefined;
  const { header } = answer;
  return typeof header === 'object' && header !== null && 'revision' in header
    ? header.revision
    : undefined;
}

async function post(url: string, body: unknown, signal: AbortSignal | undefined): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  const text = await response.text();
  // Compacting twice without a write between is no failure: the revision is as compacted as it can be.
  if (!response.ok && !text.includes('has been compacted')) {
    throw new Error(`Cannot call etcd at ${url}: status ${response.status}: ${text.slice(0, 300)}`);
  }
  return JSON.parse(text) as unknown;
}
