import { fileURLToPath } from 'node:url';
import { unitProject } from '../../scripts/vitest-project.ts';

const project = unitProject('client');
const on = fileURLToPath(new URL('testing/http2-on.ts', import.meta.url));

/** With `KUBELOOP_TEST_HTTP2=1` all tests use HTTP/2 where it is not the matter of the test itself. */
export default process.env['KUBELOOP_TEST_HTTP2'] === '1'
  ? { ...project, resolve: { alias: [{ find: './http2-default.ts', replacement: on }] } }
  : project;
