import {
  type DataConverter,
  ExternalStorage,
  type Payload,
  type StorageDriver,
  StorageDriverClaim,
} from '@temporalio/common';
import { ExternalStorageRunner } from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto from '@temporalio/proto';
import type { LargeValues } from '../../store/large-values.js';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/**
 * What is larger, in bytes, travels by reference. A usual job stays far below, and reads in the Temporal UI. It
 * lies above the largest memo a request can make: 16 entries of 564 characters, each up to 6 bytes of JSON. What
 * `describe` answers is then whole in itself. A job can be read and cancelled with the database away.
 */
export const largestInline = 64 * 1024;

/** How long an access to the database is waited for, and whether it is tried again. */
export type Patience = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * How every client and every worker of ours writes values: a large one goes to the database, and a reference to it into
 * the history. Only the SDK makes references; what is in a request is JSON, which a payload's metadata tells from one.
 */
export const dataConverter = (values: LargeValues, patience: Patience): DataConverter => ({
  externalStorage: new ExternalStorage({
    drivers: [storageDriver(values, patience)],
    payloadSizeThreshold: largestInline,
  }),
});

/** The values behind the references among payloads that were read without the client's help. */
export async function withLargeValues(
  payloads: readonly Payload[],
  { externalStorage }: Pick<DataConverter, 'externalStorage'>,
): Promise<Payload[]> {
  return externalStorage ? new ExternalStorageRunner(externalStorage).retrieve([...payloads]) : [...payloads];
}

/** Both names stand in histories or with Temporal, and must stay as they are. */
const storageDriver = (values: LargeValues, patience: Patience): StorageDriver => ({
  name: 'longhaul',
  type: 'longhaul.postgres',

  async store({ abortSignal }, payloads) {
    abortSignal?.throwIfAborted();
    // With its metadata: how the data is encoded stands there.
    const encoded = payloads.map((payload) => PayloadMessage.encode(payload).finish());
    const keys = await patience(() => values.put(encoded));
    return keys.map((sha256) => new StorageDriverClaim({ sha256 }));
  },

  async retrieve({ abortSignal }, claims) {
    abortSignal?.throwIfAborted();
    const keys = claims.map(({ claimData }) => claimData['sha256'] ?? '');
    const encoded = await patience(() => values.get(keys));
    return encoded.map((bytes) => PayloadMessage.decode(bytes));
  },
});
