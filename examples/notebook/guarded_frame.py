"""A feature store's rows as a pandas DataFrame, read through the guarding driver.

    import guarded_frame
    guarded_frame.start(["guarded-driver-all.jar", "postgresql.jar", "slf4j-api.jar"])
    frame = guarded_frame.read("jdbc:guarded:postgresql://db/features?user=ml_training",
                               "SELECT * FROM ml.survival_feature_store_train_v")
    frame.attrs["certificates"]   # ['ml.survival_feature_store_t0_v1_v=41']

A read that no valid and fresh certificate covers raises Refused: no frame comes out.
Needs JPype (1.4 or newer) and pandas.
"""

import jpype
import jpype.dbapi2
import pandas


class Refused(Exception):
    """The driver refused the read. The text says why and what to do next.

    state: the SQLState, e.g. 'RG001'
    retryable: whether the next refresh cycle cures it; else somebody has to act
    """

    def __init__(self, message, state, retryable):
        super().__init__(message)
        self.state = state
        self.retryable = retryable


def start(jars, jvm_options=("-Duser.timezone=UTC",)):
    """Starts the JVM of this process, once: a process can have one only.

    The time zone is set because a plain view that converts timestamps gives other rows in
    another zone, and pgjdbc sends the JVM's.
    """
    if not jpype.isJVMStarted():
        jpype.startJVM(*jvm_options, classpath=list(jars))


def read(url, sql):
    """All rows of one statement as a DataFrame.

    attrs['certificates'] names what covered them, one text an entrypoint, and is empty where
    nothing guarded was read; attrs['leased'] tells whether a lease decided. Raises Refused, or
    what jpype.dbapi2 raises for any other error.
    """
    connection = jpype.dbapi2.connect(url)
    try:
        cursor = connection.cursor()
        cursor.execute(sql)
        columns = [column[0] for column in cursor.description]
        frame = pandas.DataFrame.from_records(cursor.fetchall(), columns=columns)
        lineage = connection.connection.unwrap(jpype.JClass("io.guardedjdbc.Lineage"))
        frame.attrs["certificates"] = [str(covered) for covered in lineage.certificates()]
        frame.attrs["leased"] = bool(lineage.leased())
        return frame
    except Exception as error:
        _raise_refusal(error)
        raise
    finally:
        connection.close()


def _raise_refusal(error):
    """jpype.dbapi2 raises some of Java's exceptions as they are, and some behind its own."""
    for exception in (error, error.__cause__):
        if isinstance(exception, jpype.JClass("io.guardedjdbc.error.GuardRefusal")):
            state = exception.state()
            raise Refused(
                str(exception.getMessage()), str(state.sqlState()), bool(state.retryable())
            ) from None
