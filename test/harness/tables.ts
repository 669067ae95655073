import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { openTable } from '../../activities/workbook/reading.js';
import { runOperation } from '../../activities/workbook/run-operation.js';
import type { OperationOutcome, TableFile } from '../../activities/workbook/operation.js';
import { PlanStep } from '../../job-types/fields/workbook/plan.js';

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/package/2006/relationships';
const types = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

export interface BookParts {
  /** What stands between the tags of `sheetData`. */
  rows: string;
  strings?: string[];
  /** Number formats of the styles from 1 on. */
  formats?: string[];
  /** More parts, by their names. */
  others?: Record<string, string>;
  workbook?: string;
}

/** A workbook of one sheet, written by hand, so that it may hold what no library writes. */
export function book({
  rows,
  strings = [],
  formats = [],
  others = {},
  workbook = '',
}: BookParts): Uint8Array {
  const numbers = formats.map((code, place) => `<numFmt numFmtId="${200 + place}" formatCode="${code}"/>`);
  const looks = formats.map((_, place) => `<xf numFmtId="${200 + place}" applyNumberFormat="1"/>`);
  const parts: Record<string, string> = {
    '[Content_Types].xml':
      '<Types xmlns="x"><Override PartName="/xl/workbook.xml" ContentType="w"/><Override PartName="/xl/calcChain.xml" ContentType="c"/></Types>',
    '_rels/.rels': `<Relationships xmlns="${relations}"><Relationship Id="r1" Type="${types}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${types}">${workbook}<sheets><sheet name="Data" sheetId="1" r:id="s1"/></sheets><calcPr calcId="1"/></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${relations}"><Relationship Id="s1" Type="${types}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s2" Type="${types}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="s3" Type="${types}/styles" Target="styles.xml"/><Relationship Id="s4" Type="${types}/calcChain" Target="calcChain.xml"/></Relationships>`,
    'xl/sharedStrings.xml': `<sst xmlns="${main}">${strings.map((text) => `<si><t xml:space="preserve">${text}</t></si>`).join('')}</sst>`,
    'xl/styles.xml': `<styleSheet xmlns="${main}"><numFmts>${numbers.join('')}</numFmts><cellXfs><xf numFmtId="0"/>${looks.join('')}</cellXfs></styleSheet>`,
    'xl/calcChain.xml': '<calcChain/>',
    'xl/worksheets/sheet1.xml': `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="${main}"><dimension ref="A1:B2"/><sheetData>${rows}</sheetData></worksheet>`,
    ...others,
  };
  return zipSync(Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, strToU8(text)])));
}

/** A folder of a test, and what is done with tables in it. */
export function tableFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'longhaul-tables-'));
  const { signal } = new AbortController();
  let number = 0;

  const put = (name: string, content: string | Uint8Array): TableFile => {
    const file = path.join(folder, `input-${(number += 1)}`);
    writeFileSync(file, content);
    return { path: file, name };
  };

  const read = async (file: TableFile) => {
    const table = await openTable(file, { signal });
    const rows = [];
    for await (const { values } of table.rows()) rows.push(values);
    return { columns: table.columns, rows, uncalculated: table.uncalculated() };
  };

  const run = (
    input: TableFile,
    operation: string,
    given: object,
    bindFile?: TableFile,
  ): Promise<OperationOutcome> =>
    runOperation(PlanStep.parse({ operation, arguments: given }), { input, bindFile, folder, signal });

  return {
    put,
    read,
    run,
    text: async ({ file }: OperationOutcome) => readFile(file.path, 'utf8'),
    parts: async ({ path: file }: TableFile) => {
      const parts = unzipSync(new Uint8Array(await readFile(file)));
      return Object.fromEntries(
        Object.entries(parts).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]),
      );
    },
    remove: () => rmSync(folder, { recursive: true }),
    folder,
    signal,
  };
}
