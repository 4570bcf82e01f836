/**
 * The processor time that this process has used, in nanoseconds: of all its threads, the garbage collector's included.
 * Unlike the time of day it does not go on while other processes have the processor.
 */
export function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}
