// Who asks the API: a program that has the key, or a person who signed in, and what each may do.

/** Who may do more may do all that who may do less. */
export const roles = ['viewer', 'operator'] as const;
export type Role = (typeof roles)[number];

export interface Client {
  readonly role: Role;
  /** As it is written down with what was done: a person's sign-in name, or what let a program in. */
  readonly name: string;
}

export function mayDo(client: Client, wanted: Role): boolean {
  return roles.indexOf(client.role) >= roles.indexOf(wanted);
}
