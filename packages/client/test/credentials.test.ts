import { FakeClock } from '@kubeloop/ratelimiter/testing';
import { describe, expect, test } from 'vitest';
import { Credentials, type Identity } from '../src/credentials.ts';

const identity = (token: string): Identity => ({ headers: { authorization: token }, tls: {} });

function counting(clock: FakeClock, fail: () => boolean = () => false) {
  const state = { reads: 0 };
  const load = async (): Promise<Identity> => {
    state.reads += 1;
    if (fail()) throw new Error('no file');
    return identity(`token ${state.reads}`);
  };
  return {
    state,
    credentials: new Credentials({ server: 'https://a', load, maxAgeMs: 1000, clock }),
  };
}

describe('Credentials', () => {
  test('what was read is used until it is too old', async () => {
    const clock = new FakeClock();
    const { credentials } = counting(clock);

    const first = await credentials.current();
    clock.step(999);
    const second = await credentials.current();
    clock.step(1);
    const third = await credentials.current();

    expect([first, second, third].map(({ headers }) => headers['authorization'])).toEqual([
      'token 1',
      'token 1',
      'token 2',
    ]);
  });

  test('a first reading that fails names the server', async () => {
    const { credentials } = counting(new FakeClock(), () => true);

    await expect(credentials.current()).rejects.toThrow(
      'Cannot get credentials for server https://a: no file',
    );
  });

  test('requests at the same time share one reading', async () => {
    const { credentials, state } = counting(new FakeClock());

    await Promise.all([1, 2, 3].map(() => credentials.current()));

    expect(state.reads).toBe(1);
  });

  test('what the server refused is read again', async () => {
    const { credentials } = counting(new FakeClock());
    const refused = await credentials.current();

    credentials.drop(refused);

    expect(await credentials.current()).toEqual(identity('token 2'));
  });

  test('a late refusal of an old identity does not drop the newer one', async () => {
    const { credentials, state } = counting(new FakeClock());
    const old = await credentials.current();
    credentials.drop(old);
    await credentials.current();

    credentials.drop(old);
    await credentials.current();

    expect(state.reads).toBe(2);
  });

  test('when reading again fails, what is known goes on being used until it is refused', async () => {
    const clock = new FakeClock();
    let isBroken = false;
    const { credentials } = counting(clock, () => isBroken);
    const known = await credentials.current();
    isBroken = true;
    clock.step(1000);

    const still = await credentials.current();

    expect(still).toBe(known);
    credentials.drop(known);
    await expect(credentials.current()).rejects.toThrow('no file');
  });

  test('a reading that failed is tried again by the next request', async () => {
    let isBroken = true;
    const { credentials } = counting(new FakeClock(), () => isBroken);
    await expect(credentials.current()).rejects.toThrow('no file');
    isBroken = false;

    expect(await credentials.current()).toEqual(identity('token 2'));
  });

  test('what has expired is read again, and used on where that fails', async () => {
    let isBroken = false;
    const { credentials } = counting(new FakeClock(), () => isBroken);
    const first = await credentials.current();

    credentials.expire(first);
    const second = await credentials.current();
    isBroken = true;
    credentials.expire(second);

    expect(second).toEqual(identity('token 2'));
    expect(await credentials.current()).toBe(second);
  });

  test('an older identity than the known one expires nothing', async () => {
    const { credentials, state } = counting(new FakeClock());
    const first = await credentials.current();
    credentials.drop(first);
    await credentials.current();

    credentials.expire(first);
    await credentials.current();

    expect(state.reads).toBe(2);
  });
});
