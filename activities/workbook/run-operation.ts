import type { ArgumentsOf, OperationName } from '../../job-types/fields/workbook/operations.js';
import type { PlanStep } from '../../job-types/fields/workbook/plan.js';
import { fewAtOnce } from './few-at-once.js';
import type { OperationContext, OperationOutcome } from './operation.js';
import { bindMultiKey, bindSingleKey } from './operations/bind.js';
import { convertToExcel } from './operations/convert.js';
import { extractData, extractToFile } from './operations/extract.js';
import { generateJson, generateJsonByTemplate } from './operations/json.js';
import { mapColumns } from './operations/map.js';
import { normalise } from './operations/normalise.js';
import { search } from './operations/search.js';
import { generateSql, insertStatements } from './operations/sql.js';
import { sqlByTemplate } from './operations/sql-template.js';

type Run<N extends OperationName> = (
  wanted: ArgumentsOf<N>,
  context: OperationContext,
) => Promise<Omit<OperationOutcome, 'operation'>>;

const runs: { [N in OperationName]: Run<N> } = {
  'excel/extract-columns': extractData,
  'excel/extract-columns-to-file': extractToFile,
  'excel/map-columns': mapColumns,
  'excel/bind-single-key': bindSingleKey,
  'excel/bind-multi-key': bindMultiKey,
  'excel/search': search,
  'csv/search': search,
  'csv/convert-to-excel': convertToExcel,
  'normalization/apply': normalise,
  'sql/generate': generateSql,
  'sql/generate-to-text': insertStatements,
  'sql/generate-custom-to-text': sqlByTemplate,
  'json/generate': generateJson,
  'json/generate-with-template': generateJsonByTemplate,
};

/**
 * Does one step of a plan: reads a file of the disk and writes another into the folder.
 * @throws {StepFailure} about the file, or what the operation wants of it
 */
export async function runOperation(step: PlanStep, context: OperationContext): Promise<OperationOutcome> {
  const outcome = await fewAtOnce(context.signal, () => runStep(step, context));
  context.progress?.(1);
  return { operation: step.operation, ...outcome };
}

/** The arguments of a step are those of its operation, which the compiler knows of one operation at a time. */
const runStep = <N extends OperationName>(
  step: { operation: N; arguments: ArgumentsOf<N> },
  context: OperationContext,
) => runs[step.operation](step.arguments, context);
