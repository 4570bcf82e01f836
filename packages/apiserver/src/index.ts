export { ApiServer, type ApiServerOptions } from './server.ts';
export type { DenyRule, TokenOptions } from './http/auth.ts';
export type { ResourceOptions } from './registry/definition.ts';
export type { Clock, ClockTimer } from './clock.ts';
