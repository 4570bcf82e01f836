/** The seed of a run: `KUBELOOP_SEED` where it is set, else a new one. */
export function chooseSeed(): number {
  const wanted = process.env['KUBELOOP_SEED'];
  return wanted === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(wanted);
}
