import { compareResourceVersions } from '@kubeloop/cache-store';

/**
 * Whether a version is at least another one. Versions that cannot be ordered count as reached, so that nobody waits for
 * what cannot be recognised; an empty one is before all others.
 */
export function hasReached(version: string, wanted: string): boolean {
  if (version === '') return false;
  try {
    return compareResourceVersions(version, wanted) >= 0;
  } catch {
    return true; // not versions of an API server: KEP-5504 promises decimal numbers
  }
}
