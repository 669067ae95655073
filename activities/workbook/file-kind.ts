import { StepFailure } from '../frame/step-failure.js';
import { headOf } from './head-of.js';
import type { TableFile } from './operation.js';
import type { Table } from './table.js';

const signatures = {
  zip: Buffer.from('PK\u0003\u0004'),
  emptyZip: Buffer.from('PK\u0005\u0006'),
  ole: Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
};

const endings = /\.(csv|tsv|txt|xlsx|xlsm|xls|json|sql|pdf|docx|ods|numbers)$/i;

/**
 * What a file is, by its content and its name, which have to agree.
 * @throws {StepFailure} workbook-empty, workbook-locked, workbook-old, workbook-mislabelled, table-unsupported
 */
export async function kindOf(file: TableFile): Promise<Table['kind']> {
  const head = await headOf(file.path);
  const ending = endings.exec(file.name)?.[1]?.toLowerCase() ?? '';
  if (head.length === 0) throw new StepFailure('workbook-empty', `The file "${file.name}" has no bytes.`);
  if (begins(head, signatures.ole)) throw old(file, head);
  if (begins(head, signatures.zip) || begins(head, signatures.emptyZip)) {
    if (ending === 'xlsx' || ending === 'xlsm' || ending === '') return 'xlsx';
    throw mislabelled(file, 'its content is an archive such as a workbook');
  }
  if (ending === 'xlsx' || ending === 'xlsm' || ending === 'xls') {
    throw mislabelled(file, 'its content is no workbook');
  }
  if (ending === 'json') return 'json';
  if (['csv', 'tsv', 'txt', ''].includes(ending)) {
    if (!isText(head)) throw mislabelled(file, 'its content is no text');
    return 'csv';
  }
  throw new StepFailure(
    'table-unsupported',
    `The file "${file.name}" is no table that is read here, which are .xlsx, .csv and .json.`,
  );
}

const begins = (head: Buffer, signature: Buffer): boolean =>
  head.subarray(0, signature.length).equals(signature);

/** A workbook with a password is packed into the same container as one of before 2007. */
const old = (file: TableFile, head: Buffer): StepFailure =>
  head.includes(Buffer.from('EncryptedPackage', 'utf16le')) ||
  head.includes(Buffer.from('EncryptionInfo', 'utf16le'))
    ? new StepFailure('workbook-locked', `The workbook "${file.name}" is locked with a password.`)
    : new StepFailure('workbook-old', `The workbook "${file.name}" is of the format before 2007 (.xls).`);

const mislabelled = (file: TableFile, instead: string): StepFailure =>
  new StepFailure('workbook-mislabelled', `The name of "${file.name}" says one thing, but ${instead}.`);

/** UTF-16 has a zero in every other byte, and no text has several in a row. */
function isText(head: Buffer): boolean {
  if (head.subarray(0, 5).toString('latin1') === '%PDF-') return false;
  if (!head.includes(0)) return true;
  return !head.includes(Buffer.alloc(4));
}
