import { DeletedFinalStateUnknown } from '@kubeloop/cache-store';
import type { HandlerRegistration, ResourceEventHandler } from '../../src/index.ts';
import { short, type Thing } from './scripted.ts';

/** A handler that checks that every call fits to what it has seen, and keeps what it believes to be there. */
export class Observer implements ResourceEventHandler<Thing> {
  readonly seen: Map<string, Thing> = new Map();
  readonly complaints: string[] = [];
  registration: HandlerRegistration | undefined;
  isRemoved = false;
  readonly #delay: () => Promise<void> | undefined;

  constructor(delay: () => Promise<void> | undefined = () => undefined) {
    this.#delay = delay;
  }

  add(obj: Thing): void | Promise<void> {
    this.#check('add', obj, !this.seen.has(obj.metadata.name));
    this.seen.set(obj.metadata.name, obj);
    return this.#delay();
  }

  update(oldObj: Thing, newObj: Thing): void | Promise<void> {
    this.#check('update', oldObj, this.seen.get(oldObj.metadata.name) === oldObj);
    this.seen.set(newObj.metadata.name, newObj);
    return this.#delay();
  }

  delete(obj: Thing | DeletedFinalStateUnknown<Thing>): void | Promise<void> {
    const last = obj instanceof DeletedFinalStateUnknown ? obj.obj : obj;
    const name = last?.metadata.name ?? '';
    this.#check('delete', last, this.seen.has(name));
    this.seen.delete(name);
    return this.#delay();
  }

  async remove(): Promise<void> {
    await this.registration?.remove();
    this.isRemoved = true;
  }

  #check(event: string, obj: Thing | undefined, isLegal: boolean): void {
    if (this.isRemoved) this.complaints.push(`${event} ${short(obj)} after the removal`);
    if (!isLegal) this.complaints.push(`${event} ${short(obj)} does not fit`);
  }
}
