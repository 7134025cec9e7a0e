@NullMarked
package dev.wirebrook.auth;

import org.jspecify.annotations.NullMarked;
