import { expect, test } from 'vitest';
import { desiredConfigMap, settingsHash } from '../src/children/config-map.ts';
import { desiredDeployment, settingsAnnotation } from '../src/children/deployment.ts';
import { desiredService } from '../src/children/service.ts';
import { webAppNamed } from '../src/web-app/web-app.ts';

const shop = webAppNamed('demo', 'shop', {
  image: 'nginx',
  replicas: 3,
  settings: { theme: 'dark' },
});

test('the Service selects the pods that the Deployment makes', () => {
  const deployment = desiredDeployment(shop, {});

  const selector = desiredService(shop).spec?.selector;

  expect(deployment.spec?.template.metadata?.labels).toMatchObject(selector ?? {});
  expect(deployment.spec?.selector.matchLabels).toEqual(selector);
});

test('other settings make another pod template, and nothing else does', () => {
  const annotationFor = (settings: Record<string, string>): string | undefined =>
    desiredDeployment(shop, settings).spec?.template.metadata?.annotations?.[settingsAnnotation];

  expect(annotationFor({ a: '1', b: '2' })).toBe(annotationFor({ b: '2', a: '1' }));
  expect(annotationFor({ a: '1' })).not.toBe(annotationFor({ a: '2' }));
});

test('the ConfigMap carries the settings', () => {
  expect(desiredConfigMap(shop).data).toEqual({ theme: 'dark' });
});

test('a WebApp that says little gets one replica on port 8080', () => {
  const { spec } = desiredDeployment(webAppNamed('demo', 'small', { image: 'nginx' }), {});

  expect(spec?.replicas).toBe(1);
  expect(spec?.template.spec?.containers[0]?.ports?.[0]?.containerPort).toBe(8080);
});

test('no settings have a hash too', () => {
  expect(settingsHash({})).toMatch(/^[0-9a-f]{10}$/);
});
