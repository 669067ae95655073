import { audioTypes } from '../../job-types/fields/audio-names.js';

const office = 'application/vnd.openxmlformats-officedocument.';

export const zip = 'application/zip';

/** Files that are archives inside, by an entry that only they have. */
export const byEntry: Readonly<Record<string, string>> = {
  'xl/workbook.xml': `${office}spreadsheetml.sheet`,
  'word/document.xml': `${office}wordprocessingml.document`,
  'ppt/presentation.xml': `${office}presentationml.presentation`,
};

const workbook = `${office}spreadsheetml.sheet`;

/** A workbook that has programs in it, which nothing here runs. */
const withMacros = 'application/vnd.ms-excel.sheet.macroenabled.12';

/** Of names, for uploads that say no type. */
export const byExtension: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
  md: 'text/markdown',
  json: 'application/json',
  xml: 'application/xml',
  html: 'text/html',
  srt: 'application/x-subrip',
  vtt: 'text/vtt',
  pdf: 'application/pdf',
  zip,
  xlsx: workbook,
  xlsm: withMacros,
  docx: `${office}wordprocessingml.document`,
  pptx: `${office}presentationml.presentation`,
  xls: 'application/vnd.ms-excel',
  ...audioTypes,
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
};

/** Types that people and programs call by several names, each list with the best one first. */
const sameThings: readonly (readonly string[])[] = [
  ['audio/mpeg', 'audio/mp3', 'audio/x-mp3', 'audio/mpeg3'],
  ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave'],
  ['audio/mp4', 'audio/x-m4a', 'audio/m4a', 'video/mp4', 'audio/aac', 'video/quicktime'],
  ['audio/ogg', 'application/ogg', 'video/ogg', 'audio/opus', 'audio/vorbis'],
  ['audio/flac', 'audio/x-flac'],
  ['audio/aac', 'audio/x-aac', 'audio/aacp', 'audio/vnd.dlna.adts'],
  ['image/jpeg', 'image/jpg', 'image/pjpeg'],
  ['application/xml', 'text/xml'],
  [zip, 'application/x-zip-compressed', 'application/x-zip'],
  ['application/vnd.ms-excel', 'application/x-cfb', 'application/msword', 'application/vnd.ms-powerpoint'],
];

/** Archives that name themselves otherwise, and that nothing here looks into. */
const kindsOfZip =
  /^application\/(epub\+zip|java-archive|vnd\.oasis\.opendocument\..+|vnd\.openxmlformats-officedocument\..+\.template|vnd\.android\.package-archive)$/;

/** What a client may call a file whose content says something else, with the same file in mind. */
const calledSo: Readonly<Record<string, ReadonlySet<string>>> = {
  // Browsers call all that Excel opens by the name of its old format.
  [workbook]: new Set([
    withMacros,
    'application/vnd.ms-excel',
    'application/msexcel',
    'application/x-msexcel',
  ]),
  // A workbook with a password is packed as one of before 2007, and those who read it say so.
  'application/x-cfb': new Set([workbook, withMacros]),
};

/** Whether a file may be called so by its client. An archive with no workbook in it is no workbook. */
export const isCalled = (claimed: string, found: string): boolean =>
  isSame(claimed, found) ||
  calledSo[found]?.has(claimed) === true ||
  (isSame(claimed, zip) && Object.values(byEntry).includes(found));

/** The better word of the two, where both are true. */
export const betterOf = (claimed: string | null, found: string): string =>
  claimed !== null && (found === zip || (claimed === withMacros && found === workbook)) ? claimed : found;

const isSame = (one: string, other: string): boolean =>
  one === other ||
  sameThings.some((names) => names.includes(one) && names.includes(other)) ||
  ([one, other].includes(zip) && kindsOfZip.test(one === zip ? other : one));

export const isXml = (type: string): boolean => /^(application|text)\/xml$|\+xml$/.test(type);

/** Whether what has this type can be read as text. */
export const isText = (type: string): boolean =>
  /^text\/|^application\/(json|xml|csv|x-subrip|yaml|x-yaml|javascript|x-ndjson|rtf|sql)$|\+(xml|json)$/.test(
    type,
  );
