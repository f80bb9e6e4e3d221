// What a page may offer; the server decides what is allowed.
import { type Account, Role } from './gen/livefair/v1/account_pb';

export function isOperator(account: Account | undefined): boolean {
  return account?.grants.some((grant) => grant.role === Role.OPERATOR) ?? false;
}

/** The strongest role in one room; operators may do everything everywhere. */
export function roleIn(account: Account | undefined, roomId: string): Role {
  if (isOperator(account)) return Role.OPERATOR;
  const roles = account?.grants.filter((grant) => grant.roomId === roomId || grant.roomId === '*').map((grant) => grant.role) ?? [];
  return [Role.HOST, Role.ASSISTANT, Role.MODERATOR].find((role) => roles.includes(role)) ?? Role.VIEWER;
}
