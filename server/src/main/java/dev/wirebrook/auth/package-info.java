/**
 * Who calls, and what it may do: API keys in a file of clients, tokens (JWT) of an issuer that is
 * trusted, certificates. {@link dev.wirebrook.auth.Authenticator} is the way in.
 */
@NullMarked
package dev.wirebrook.auth;

import org.jspecify.annotations.NullMarked;
