import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { Failure } from '../../job-types/failure.js';

/** Documents what a route answers: the schema on success, the one error object otherwise. */
export function answers(success: number | number[], schema: z.ZodType, problems: readonly number[]) {
  return applyDecorators(
    ...[success].flat().map((status) => ApiResponse({ status, standardSchema: schema })),
    ...problems.map((status) =>
      ApiResponse({ status, standardSchema: Failure, description: 'Problem (application/problem+json)' }),
    ),
  );
}
