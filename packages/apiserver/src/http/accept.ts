import { notAcceptable } from '../status.ts';

const ranges = new Set(['application/json', 'application/*', '*/*', '']);

/**
 * Checks that a client can read JSON. Other forms that it lists beside JSON, such as protobuf or
 * tables, are passed over.
 *
 * @throws StatusError 406
 */
export function checkAccept(header: string | undefined): void {
  if (header === undefined || header.trim() === '') return;
  const accepted = header.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return ranges.has(type) && !parameters.some((parameter) => parameter.startsWith('as='));
  });
  if (!accepted) throw notAcceptable(['application/json']);
}
