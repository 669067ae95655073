import type { Intent } from '../../../job-types/fields/workbook/operations.js';

export interface FoundIntent {
  type: Intent | 'unknown';
  /** From 0 to 1. */
  confidence: number;
}

/** What says an intent beyond doubt, and what only hints at it. A later row wins where two say as much. */
const signs: readonly { intent: Intent; clear: RegExp; hint: RegExp }[] = [
  {
    intent: 'extract_columns',
    clear: /\b(extract|select|pull out|keep only|get)\b.*\b(columns?|fields?)\b|\bextract\b/,
    hint: /\b(select|get|only|columns?|fields?|pick)\b/,
  },
  {
    intent: 'convert_format',
    clear: /\b(convert|transform|export|save|turn|change)\b.*\b(excel|xlsx|workbook|spreadsheet)\b/,
    hint: /\b(convert|transform|export|excel|xlsx)\b/,
  },
  {
    intent: 'normalize_data',
    clear:
      /\b(normali[sz]e|clean|standardi[sz]e|trim|upper ?case|lower ?case|title ?case|capitali[sz]e|round|deduplicate|remove (duplicates?|spaces|outliers)|fill (empty|missing|null))/,
    hint: /\b(format|tidy|fix|duplicates?|spaces|z-?score|scale)\b/,
  },
  {
    intent: 'search_filter',
    clear:
      /\b(search|filter|find|look ?up|rows?|records?)\b.*\b(where|with|for|whose|that|by)\b|\bonly (the )?(rows|records)\b|\bwhere\b/,
    hint: /\b(search|filter|find|show|look ?up)\b|[<>=]/,
  },
  {
    intent: 'bind_data',
    clear: /\b(bind|merge|join|combine|enrich|vlookup)\b/,
    hint: /\b(link|match|add)\b.*\b(from|with)\b/,
  },
  {
    intent: 'map_columns',
    clear: /\b(rename|remap|map)\b/,
    hint: /\b(call|change)\b.*\b(columns?|names?)\b/,
  },
  {
    intent: 'generate_json',
    clear: /\bjson\b/,
    hint: /\bobjects?\b/,
  },
  {
    intent: 'generate_sql',
    clear:
      /\bsql\b|\binserts?\b.*\b(statements?|into|quer(y|ies))\b|\b(statements?|quer(y|ies))\b.*\binsert\b/,
    hint: /\b(insert|database|postgres(ql)?|mysql|sqlite)\b/,
  },
];

/** What a person wants, told by the words of the message. */
export function intentOf(message: string): FoundIntent {
  const text = message.toLowerCase();
  let found: FoundIntent = { type: 'unknown', confidence: 0 };
  for (const { intent, clear, hint } of signs) {
    const confidence = (clear.test(text) ? 0.7 : 0) + (hint.test(text) ? 0.25 : 0);
    if (confidence > 0 && confidence >= found.confidence) found = { type: intent, confidence };
  }
  return found;
}
