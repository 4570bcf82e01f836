import { expect, test } from 'vitest';

import type { Assets } from '../src/assets.ts';
import { ControlPlane, defaultControllers } from '../src/control-plane.ts';

const assets: Assets = {
  directory: '/assets',
  origin: 'environment',
  etcd: '/assets/etcd',
  apiServer: '/assets/kube-apiserver',
  controllerManager: '/assets/kube-controller-manager',
  notice: undefined,
};
const withoutManager: Assets = { ...assets, controllerManager: undefined };

test('the usual controllers run where the assets have a kube-controller-manager', () => {
  expect(new ControlPlane({ assets }).controllers).toEqual(defaultControllers);
});

test('no controllers run where the assets have no kube-controller-manager', () => {
  expect(new ControlPlane({ assets: withoutManager }).controllers).toEqual([]);
});

test('controllers that are asked for without a kube-controller-manager are refused', () => {
  const make = (): ControlPlane =>
    new ControlPlane({ assets: withoutManager, controllers: ['job-controller'] });

  expect(make).toThrow(
    'Cannot run controllers job-controller: folder "/assets" has no kube-controller-manager',
  );
});

test.each([0, -1, Number.NaN, Infinity])('a startTimeoutMs of %d is refused', (startTimeoutMs) => {
  expect(() => new ControlPlane({ assets, startTimeoutMs })).toThrow(RangeError);
});

test('nothing can be read before the start', () => {
  const controlPlane = new ControlPlane({ assets });

  expect(() => controlPlane.server).toThrow('Cannot use the control plane: it is new, not running');
});

test('a control plane that was stopped before its start cannot be started and leaves nothing', async () => {
  const controlPlane = new ControlPlane({ assets });
  await controlPlane.stop();

  await expect(controlPlane.start()).rejects.toThrow('make a new one');
});

test('a signal that was aborted before the start is the reason of the failure', async () => {
  const controlPlane = new ControlPlane({ assets });
  const signal = AbortSignal.abort(new Error('changed my mind'));

  await expect(controlPlane.start({ signal })).rejects.toThrow('changed my mind');
});
