import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('importing the package loads neither TLS nor client-node, which are for those who make requests and load kubeconfigs', () => {
  const index = new URL('../src/index.ts', import.meta.url).href;
  const script = `
    await import(${JSON.stringify(index)});
    const { Module } = await import('node:module');
    const packages = Object.keys(Module._cache).filter((path) => /undici|client-node/.test(path));
    const https = process.moduleLoadList.includes('NativeModule https');
    console.log(JSON.stringify({ packages, https }));`;
  const flags = ['--conditions=@kubeloop/source', '--input-type=module', '--eval', script];

  const output = execFileSync(process.execPath, flags, { encoding: 'utf8' });

  expect(JSON.parse(output)).toEqual({ packages: [], https: false });
}, 30_000);
