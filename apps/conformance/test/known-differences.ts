/**
 * The tests that the server in this process does not pass, by the name of their group and their title, each with a
 * reason. They are expected to fail: one that passes fails the run, so that this list only gets shorter.
 */
export const knownDifferences: Readonly<Record<string, string>> = {
  'JSON patches > a patch that makes a value of a wrong type is invalid':
    'built-in kinds have no schema',
  'JSON patches > the removal of what is not there is refused': 'not done yet',
  'applies that are refused > a member that the schema does not have fails':
    'built-in kinds have no schema',
  'applies that are refused > an apply may be written as YAML': 'not done yet',
  'applies that are refused > force is for apply alone': 'not done yet',
  'finalizers > the name of an object that is ending is still taken': 'not done yet',
  'merge patches > a body that is no object is malformed': 'not done yet',
  'namespaces > the default one cannot be deleted': 'not done yet',
  'namespaces > there is no deletion of all of them at once': 'not done yet',
  'the scale > negative replicas are invalid, in words about the scale': 'not done yet',
  'their definitions > its scope cannot be changed': 'not done yet',
  'validation > an unknown field is dropped with a warning': 'built-in kinds have no schema',
  'validation > an unknown field is refused when asked for': 'built-in kinds have no schema',
  'validation > every fault is a cause': 'built-in kinds have no schema',
  'versions of lists > an object is read from what the server has at hand at version 0':
    'not done yet',
  'watches > a watch from a version of the future is open and silent': 'not done yet',
  'what is refused > an object needs kind and apiVersion': 'not done yet',
  'what is refused > an unknown field is refused when asked for': 'not done yet',
};
