// Signs in to Azure by managed identity. The library takes 0.2 s to load: only who needs it makes one of these, and does so at start.
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';

export class AzureCredential implements TokenCredential {
  readonly #library = import('@azure/identity');
  readonly #credential = this.#library.then(({ DefaultAzureCredential }) => new DefaultAzureCredential());

  async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken> {
    return (await this.#credential).getToken(scopes, options);
  }

  /** Asks for a token anew shortly before the last one ends. */
  createTokenProvider(scope: string): () => Promise<string> {
    const provider = this.#library.then(({ getBearerTokenProvider }) => getBearerTokenProvider(this, scope));
    return async () => (await provider)();
  }
}
