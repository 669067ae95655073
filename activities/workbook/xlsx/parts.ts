import { posix } from 'node:path';
import type { Entry } from 'yauzl';
import { StepFailure } from '../../frame/step-failure.js';
import type { TableFile } from '../operation.js';
import type { Archive } from './archive.js';
import { attribute, readMarkup } from './markup.js';

/** The parts of a workbook that matter to a table: its first sheet that is shown, and what the cells refer to. */
export interface Parts {
  workbook: string;
  sheet: Entry;
  sheetName: string;
  strings: Entry | null;
  styles: Entry | null;
  /** Whether days are counted from 1904. */
  is1904: boolean;
}

interface Relation {
  id: string;
  type: string;
  target: string;
}

interface Sheet {
  name: string;
  id: string;
  isHidden: boolean;
}

/** @throws {StepFailure} workbook-damaged, workbook-mislabelled, workbook-empty */
export async function partsOf(
  archive: Archive,
  { file, signal }: { file: TableFile; signal: AbortSignal },
): Promise<Parts> {
  const inWhole = async (name: string) => {
    const entry = archive.find(name);
    return entry && archive.whole(entry, signal);
  };
  const root = await inWhole('_rels/.rels');
  if (root === null) {
    const detail = `The name of "${file.name}" says that it is a workbook, but its content is another archive.`;
    throw new StepFailure('workbook-mislabelled', detail);
  }
  try {
    const workbook = relationsIn(root, '').find(({ type }) => type.endsWith('/officeDocument'))?.target;
    const text = workbook === undefined ? null : await inWhole(workbook);
    if (workbook === undefined || text === null) throw new Error('there is no workbook in it');
    const folder = posix.dirname(workbook);
    const relations = relationsIn(
      (await inWhole(`${folder}/_rels/${posix.basename(workbook)}.rels`)) ?? '',
      folder,
    );
    const { sheets, is1904 } = sheetsIn(text);
    const sheet = chosen(sheets, relations, archive);
    const partOf = (type: string) => {
      const target = relations.find((relation) => relation.type.endsWith(`/${type}`))?.target;
      return target === undefined ? null : archive.find(target);
    };
    if (sheet === null)
      throw new StepFailure('workbook-empty', `The workbook "${file.name}" has no sheet of cells.`);
    return { workbook, ...sheet, is1904, strings: partOf('sharedStrings'), styles: partOf('styles') };
  } catch (error) {
    if (error instanceof StepFailure || signal.aborted) throw error;
    throw archive.damaged(error);
  }
}

/** A sheet of a chart alone is none. */
function chosen(
  sheets: readonly Sheet[],
  relations: readonly Relation[],
  archive: Archive,
): { sheet: Entry; sheetName: string } | null {
  const worksheets = new Map(
    relations.filter(({ type }) => type.endsWith('/worksheet')).map((one) => [one.id, one]),
  );
  for (const { id, name } of [...sheets.filter(({ isHidden }) => !isHidden), ...sheets]) {
    const relation = worksheets.get(id);
    const sheet = relation && archive.find(relation.target);
    if (sheet) return { sheet, sheetName: name };
  }
  return null;
}

/** @param folder what targets are relative to */
function relationsIn(text: string, folder: string): Relation[] {
  const relations: Relation[] = [];
  if (text === '') return relations;
  readMarkup(text, {
    open(name, { attributes }) {
      if (name !== 'Relationship') return;
      const { Id: id = '', Type: type = '', Target: target = '', TargetMode: mode } = attributes;
      if (mode === 'External') return;
      const path = target.startsWith('/') ? target.slice(1) : posix.normalize(posix.join(folder, target));
      relations.push({ id, type, target: path });
    },
  });
  return relations;
}

function sheetsIn(text: string): { sheets: Sheet[]; is1904: boolean } {
  const sheets: Sheet[] = [];
  let is1904 = false;
  readMarkup(text, {
    open(name, tag) {
      if (name === 'workbookPr') is1904 = ['1', 'true'].includes(tag.attributes['date1904'] ?? '');
      if (name !== 'sheet') return;
      const state = tag.attributes['state'] ?? 'visible';
      sheets.push({
        name: tag.attributes['name'] ?? '',
        id: attribute(tag, 'id') ?? '',
        isHidden: state !== 'visible',
      });
    },
  });
  return { sheets, is1904 };
}
