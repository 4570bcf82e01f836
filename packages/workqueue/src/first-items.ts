/** The items of the first `limit` entries. */
export function firstItems<T>(entries: Iterable<{ readonly item: T }>, limit: number): T[] {
  const items: T[] = [];
  if (limit === 0) return items;
  for (const { item } of entries) {
    items.push(item);
    if (items.length >= limit) break;
  }
  return items;
}
