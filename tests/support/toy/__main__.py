from tests.support.toy.service import TOY

from chassis.main import main

if __name__ == "__main__":
    main(TOY)
