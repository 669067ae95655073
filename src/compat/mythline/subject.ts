import { BadRequestException, NotFoundException } from '@nestjs/common';
import { Subject } from '../../../job-types/fields/subject.js';

/** The subject in an address. @throws {NotFoundException} for what can be none, of which there is nothing */
export function subjectIn(given: string, what: 'Task' | 'Story' | 'Research'): string {
  const { data } = Subject.safeParse(given);
  if (!data) throw new NotFoundException(`${what} not found`);
  return data;
}

/** What stands in place of a subject at the address of all stories. */
const listed = 'list';

/** A subject that is to be written about. @throws {BadRequestException} for one whose story could not be asked for */
export function newSubject(given: string): string {
  const { data, error } = Subject.safeParse(given);
  if (error) throw new BadRequestException(`The subject ${error.issues[0]?.message ?? 'cannot be used'}.`);
  if (data !== listed) return data;
  throw new BadRequestException(
    `The subject cannot be "${listed}": at the address of its story is the list of all stories. Choose another name.`,
  );
}
