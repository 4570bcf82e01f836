import { conflictsContract } from './api-contract/conflicts.ts';
import { crudContract } from './api-contract/crud.ts';
import { customResourcesContract } from './api-contract/custom-resources.ts';
import { definitionMembersContract } from './api-contract/definition-members.ts';
import { discoveryContract } from './api-contract/discovery.ts';
import { errorsContract } from './api-contract/errors.ts';
import { finalizersAndDeletionContract } from './api-contract/finalizers-and-deletion.ts';
import { garbageCollectionContract } from './api-contract/garbage-collection.ts';
import { listsContract } from './api-contract/lists.ts';
import { namespacesContract } from './api-contract/namespaces.ts';
import { patchContract } from './api-contract/patch.ts';
import { serverSideApplyContract } from './api-contract/server-side-apply.ts';
import { statusAndGenerationContract } from './api-contract/status-and-generation.ts';
import { watchContract } from './api-contract/watch.ts';
import type { ApiTarget } from './target.ts';

/** Declares the tests of everything that a controller can see of an API server. The target is asked for in each test. */
export function apiContract(target: () => ApiTarget): void {
  // First, because the end of a namespace waits for those of all tests before.
  namespacesContract(target);
  discoveryContract(target);
  crudContract(target);
  statusAndGenerationContract(target);
  conflictsContract(target);
  patchContract(target);
  serverSideApplyContract(target);
  finalizersAndDeletionContract(target);
  garbageCollectionContract(target);
  listsContract(target);
  watchContract(target);
  customResourcesContract(target);
  definitionMembersContract(target);
  errorsContract(target);
}
