import { StepFailure } from '../frame/step-failure.js';
import type { Database } from './sql-literal.js';

/** A piece of a template, as the database would read it. */
export interface SqlToken {
  kind: 'sql' | 'space' | 'comment' | 'name' | 'text' | 'marked text' | 'placeholder';
  text: string;
}

type Rule = readonly [kind: SqlToken['kind'], form: RegExp];

const letter = 'A-Za-z_\\u0080-\\uffff';
const plain = "'(?:[^']|'')*'";
/** With a backslash that takes the meaning from what follows it. */
const withBackslash = "'(?:[^'\\\\]|\\\\[\\s\\S]|'')*'";
const form = (source: string, flags = ''): RegExp => new RegExp(source, `y${flags}`);

const shared: readonly Rule[] = [
  ['placeholder', /\{[^{}]{1,255}\}/y],
  ['space', /\s+/y],
];
const words: readonly Rule[] = [['sql', form(`[${letter}][\\w$\\u0080-\\uffff]*|\\d[\\w.]*`)]];

/** In the order in which they are tried. What none of them takes is one character that means nothing here. */
const rules: Readonly<Record<Database, readonly Rule[]>> = {
  postgresql: [
    ...shared,
    ['comment', /--[^\r\n]*/y],
    ['marked text', form(`e${withBackslash}|(?:[bnx]|u&)${plain}`, 'i')],
    ['marked text', form(`\\$((?:[${letter}][\\w\\u0080-\\uffff]*)?)\\$[\\s\\S]*?\\$\\1\\$`)],
    ['text', form(plain)],
    ['name', /(?:[Uu]&)?"(?:[^"]|"")*"/y],
    ...words,
  ],
  mysql: [
    ...shared,
    ['comment', /--(?=[\0-\x20\x7f]|$)[^\n]*|#[^\n]*|\/\*(?!M?!)[\s\S]*?\*\//y],
    ['marked text', form(`(?:[bnx]|_[a-z0-9]+)${withBackslash}`, 'i')],
    ['text', form(withBackslash)],
    ['name', /"(?:[^"\\]|\\[\s\S]|"")*"|`[^`]*`/y],
    ...words,
  ],
  sqlite: [
    ...shared,
    ['comment', /--[^\n]*|\/\*[\s\S]*?\*\//y],
    ['marked text', form(`x${plain}`, 'i')],
    ['text', form(plain)],
    ['name', /"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]/y],
    ...words,
  ],
};

/** What would open something, where it stands alone: the database would go on to read what comes after it as a part of it. */
const openers: Readonly<Record<Database, readonly [RegExp, string][]>> = {
  postgresql: [
    [/\/\*/y, 'has a comment that is never closed'],
    [form(`\\$(?:[${letter}][\\w\\u0080-\\uffff]*)?\\$`), 'has a $$ that is never closed'],
    [/['"]/y, 'has a quote that is never closed'],
  ],
  mysql: [
    [/--/y, 'has a -- with no space behind it, which is no comment in MySQL'],
    [/\/\*M?!/y, 'has a comment that MySQL runs'],
    [/\/\*/y, 'has a comment that is never closed'],
    [/['"`]/y, 'has a quote that is never closed'],
  ],
  sqlite: [
    [/\/\*/y, 'has a comment that is never closed'],
    [/['"`[]/y, 'has a quote or a bracket that is never closed'],
  ],
};

/**
 * Reads a template as the database would. If the two differ about where a text ends, a value of a table could end it.
 * @throws {StepFailure} operation-refused, for what cannot be read in one way alone
 */
export function sqlTokens(template: string, database: Database): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let at = 0; at < template.length;) {
    const token = tokenAt(template, { at, database });
    refuseBehind(tokens, token);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

/** A word right before a quote gives it another meaning, and psql puts a variable in the place of :'name'. */
const wordEnd = /[\w$&:\u0080-\uffff]$/;

/** A text that goes on behind a line break is read as the one before it was. */
function refuseBehind(before: readonly SqlToken[], { kind, text }: SqlToken): void {
  if (text === '\\') throw refused('has a backslash outside of a text');
  if (kind !== 'text' && kind !== 'marked text' && kind !== 'placeholder') return;
  const last = before.at(-1);
  if (kind !== 'placeholder' && last && wordEnd.test(last.text))
    throw refused('has a quote right behind a word');
  const earlier = before.findLast((token) => token.kind !== 'space' && token.kind !== 'comment');
  if (earlier?.kind === 'marked text') throw refused(`has a value behind ${earlier.text.slice(0, 20)}`);
}

export const refused = (what: string): StepFailure =>
  new StepFailure('operation-refused', `The template ${what}.`);

interface Place {
  at: number;
  database: Database;
}

function tokenAt(template: string, { at, database }: Place): SqlToken {
  const nested = database === 'postgresql' ? nestedComment(template, at) : null;
  if (nested !== null) return { kind: 'comment', text: nested };
  for (const [kind, rule] of rules[database]) {
    const text = taken(rule, template, at);
    if (text) return { kind, text };
  }
  for (const [opener, what] of openers[database])
    if (taken(opener, template, at) !== null) throw refused(what);
  return { kind: 'sql', text: template[at]! };
}

function taken(rule: RegExp, template: string, at: number): string | null {
  rule.lastIndex = at;
  return rule.exec(template)?.[0] ?? null;
}

/** In PostgreSQL a comment may hold comments. Null for what is none, or is never closed. */
function nestedComment(template: string, from: number): string | null {
  if (!template.startsWith('/*', from)) return null;
  let depth = 0;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = from;
  for (let mark = marks.exec(template); mark; mark = marks.exec(template)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return template.slice(from, marks.lastIndex);
  }
  return null;
}
