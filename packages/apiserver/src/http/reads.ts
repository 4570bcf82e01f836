import { listText, selectionOf, selectedObjects, type Selection } from '../operations/list.ts';
import { scaleOf } from '../operations/scale.ts';
import { badRequest, expired, notFound, StatusError, tooLargeResourceVersion } from '../status.ts';
import { eventLine } from '../watch/events.ts';
import { Watcher } from '../watch/watcher.ts';
import { objectText } from '../wire.ts';
import type { Exchange } from './exchange.ts';
import { listOptions, version, type ListOptions } from './list-options.ts';
import { sendJson, sendText } from './respond.ts';

/** GET of one object, or of its scale. */
export async function getObject(exchange: Exchange, name: string): Promise<void> {
  const { context, query, path, resource, shown, response } = exchange;
  const { storage } = context.cluster;
  await reachVersion(exchange, version(query.get('resourceVersion') ?? ''));
  const object = storage.get(resource.storageId, path.namespace, name);
  if (object === undefined) throw notFound(resource.resourceName, name);
  if (path.subresource === 'scale') sendJson(response, 200, scaleOf(resource, object));
  else sendText(response, 200, `${objectText(shown, object)}\n`);
}

/** GET of a collection: a list or a watch. */
export async function listObjects(exchange: Exchange): Promise<void> {
  const { context, path, query, resource, shown, response } = exchange;
  const options = listOptions(query, context.watchList);
  // Selected by what the resource has, told in the form that was asked for.
  const selection = { ...selectionOf(resource, path.namespace, query), resource: shown };
  if (options.watch) {
    await watchObjects(exchange, selection, options);
    return;
  }
  const { resourceVersion, match, continueToken } = options;
  if (continueToken !== '' && resourceVersion !== undefined && resourceVersion !== 0n) {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  await reachVersion(exchange, resourceVersion);
  const fromCache = resourceVersion === 0n && continueToken === '';
  const exact =
    match === 'Exact' ||
    (match === '' && options.limit > 0 && resourceVersion !== undefined && resourceVersion > 0n);
  const text = listText(context.cluster.storage, {
    ...selection,
    limit: fromCache ? 0 : options.limit,
    continueToken,
    exactVersion: exact ? Number(resourceVersion) : undefined,
  });
  sendText(response, 200, text);
}

/**
 * Waits until the store has reached a version, as the real server does before it gives up.
 *
 * @throws StatusError 504
 */
async function reachVersion(exchange: Exchange, wanted: bigint | undefined): Promise<void> {
  const { context, response } = exchange;
  const { storage } = context.cluster;
  if (wanted === undefined || wanted <= BigInt(storage.resourceVersion)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = context.clock.setTimeout(resolve, context.futureVersionWaitMs);
  let forget = (): void => {};
  const check = (): void => {
    if (BigInt(storage.resourceVersion) >= wanted) resolve();
    else forget = storage.onNextWrite(check);
  };
  check();
  response.once('close', resolve);
  await promise;
  timer.cancel();
  forget();
  response.off('close', resolve);
  if (BigInt(storage.resourceVersion) < wanted) {
    throw tooLargeResourceVersion(wanted, storage.resourceVersion);
  }
}

async function watchObjects(
  exchange: Exchange,
  selection: Selection,
  options: ListOptions,
): Promise<void> {
  const { context, response } = exchange;
  const failure = await startFailure(exchange, options);
  if (response.destroyed) return;
  response.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
  });
  response.flushHeaders();
  const watcher = new Watcher({
    selection,
    response,
    wantsBookmarks: options.allowWatchBookmarks,
    after: Number(options.resourceVersion ?? 0),
    maxBufferedBytes: context.maxWatchBufferBytes,
    onEnd: (ended) => context.hub.remove(ended),
  });
  if (failure !== undefined) {
    watcher.fail(failure);
    return;
  }
  // From here to the end nothing is awaited, so that no change falls between the start and the rest.
  if (!sendStart(exchange, watcher, options)) return;
  context.hub.add(watcher);
  const timeoutMs =
    options.timeoutSeconds > 0
      ? options.timeoutSeconds * 1000
      : context.minWatchTimeoutMs * (1 + context.random());
  watcher.startTimers(context.clock, timeoutMs, () => context.cluster.storage.resourceVersion);
}

/** A WatchList waits for its version; a failure to reach it travels in the stream. */
async function startFailure(
  exchange: Exchange,
  options: ListOptions,
): Promise<StatusError | undefined> {
  if (options.sendInitialEvents !== true) return undefined;
  try {
    await reachVersion(exchange, options.resourceVersion);
    return undefined;
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

/** Sends the present state or the changes since a version; false when the watch has ended. */
function sendStart(exchange: Exchange, watcher: Watcher, options: ListOptions): boolean {
  const { storage } = exchange.context.cluster;
  const { selection } = watcher;
  const { resourceVersion, sendInitialEvents } = options;
  const table = storage.table(selection.resource.storageId);
  const wantsState = resourceVersion === undefined || resourceVersion === 0n;
  if (sendInitialEvents === true || (wantsState && sendInitialEvents === undefined)) {
    for (const object of selectedObjects(storage, selection)) {
      watcher.write(eventLine('ADDED', selection.resource, object));
    }
    if (sendInitialEvents === true) watcher.bookmark(storage.resourceVersion, true);
    return true;
  }
  if (wantsState) return true;
  const changes = table.since(Number(resourceVersion));
  if (changes === undefined) {
    watcher.fail(expired(`too old resource version: ${resourceVersion} (${table.floor})`));
    return false;
  }
  for (const change of changes) watcher.offer(change);
  return true;
}
