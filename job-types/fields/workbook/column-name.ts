import { z } from 'zod';
import { StorableText } from '../storable-text.js';

/** How many columns a table has at most; what is beyond them is refused. */
export const mostColumns = 1000;

/** A column of the file, as its first row calls it. */
export const ColumnName = StorableText.min(1, 'is empty')
  .max(255, 'has more than 255 characters')
  .meta({ description: "A column of the file, as the file's first row calls it", example: 'email' });

/** Which columns, in this order. Empty means all of them. */
export const ColumnNames = z
  .array(ColumnName)
  .max(mostColumns)
  .default([])
  .meta({ description: 'Columns of the file, in this order; empty means all' });

/** At least one. */
export const SomeColumns = z
  .array(ColumnName)
  .min(1, 'names no column')
  .max(mostColumns)
  .meta({ description: 'Columns of the file, in this order' });

/** From one name to another. Which of the two is the file's says the operation. */
export const columnMapping = (description: string) =>
  z
    .record(ColumnName, ColumnName)
    .refine((mapping) => Object.keys(mapping).length <= mostColumns, `has more than ${mostColumns} columns`)
    .default({})
    .meta({ description });
