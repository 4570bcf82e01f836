/** Whether clients that do not say so speak HTTP/2 with servers that offer it. */
export const http2ByDefault: boolean = false;
