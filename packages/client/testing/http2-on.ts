/** Stands in for the default of the client's option, in runs of its tests over HTTP/2. */
export const http2ByDefault: boolean = true;
