import type { Client } from '@temporalio/client'
import {
  checkSearchId,
  productsWait,
  queues,
  rebuildSearchId,
  refreshProductsId,
} from '../workflows/contract.ts'

/** Asks for the work on the search indexes. Each is one workflow at a time: whoever asks again finds the one that runs. */
export interface SearchDesk {
  /** Products wait to be searchable as they are now. */
  refresh(): Promise<void>
  /** Makes the indexes anew; answers the id of the workflow that does. */
  rebuild(): Promise<string>
  /** Compares them with the catalog; answers the id of the workflow that does. */
  check(): Promise<string>
}

export function openSearchDesk({ workflow }: Pick<Client, 'workflow'>): SearchDesk {
  const begin = async (type: string, workflowId: string, staticSummary: string): Promise<string> => {
    await workflow.start(type, {
      ...{ workflowId, taskQueue: queues.catalog, args: [], staticSummary },
      workflowIdConflictPolicy: 'USE_EXISTING',
    })
    return workflowId
  }
  return {
    refresh: async () => {
      await workflow.signalWithStart('refreshProducts', {
        ...{ workflowId: refreshProductsId, taskQueue: queues.catalog, args: [] },
        ...{ signal: productsWait, signalArgs: [] },
        staticSummary: 'makes what has changed searchable',
      })
    },
    rebuild: () => begin('rebuildSearch', rebuildSearchId, 'makes the search indexes anew'),
    check: () => begin('checkSearch', checkSearchId, 'compares the search indexes with the catalog'),
  }
}
