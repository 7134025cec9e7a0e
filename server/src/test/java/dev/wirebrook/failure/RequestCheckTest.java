package dev.wirebrook.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class RequestCheckTest {
    @Test
    void names_every_field_that_is_wrong_and_no_other() {
        RequestCheck check =
                new RequestCheck()
                        .require(false, "name", "must not be empty")
                        .require(true, "id", "must be even")
                        .require(false, "price", "must be 0 or more");
        assertThatExceptionOfType(FailureException.class)
                .isThrownBy(check::orThrow)
                .extracting(FailureException::failure)
                .asInstanceOf(InstanceOfAssertFactories.type(Failure.InvalidRequest.class))
                .satisfies(failure -> {
                    assertThat(failure.violations())
                            .containsExactly(
                                    new Violation("name", "must not be empty"),
                                    new Violation("price", "must be 0 or more"));
                    assertThat(failure.message())
                            .isEqualTo("name: must not be empty; price: must be 0 or more");
                });
    }

    @Test
    void lets_a_right_request_pass() {
        new RequestCheck().require(true, "name", "must not be empty").orThrow();
    }
}
